"""Translation: the most probable sentence, searched for; what it is worth; attention.

`log_probs` is a model: a function of the tokens so far, a tuple of ids, that returns the log-probabilities
`(V,)` of the next token. Whatever it translates, it knows already.
"""

from dataclasses import dataclass

import numpy as np

from notesrc import _check
from notesrc.attention import attention, attention_backward, multi_head_attention
from notesrc.bleu import bleu, brevity_penalty, clipped_precision, closest_length, corpus_bleu

__all__ = [
    "Hypothesis",
    "attention",
    "attention_backward",
    "beam_search",
    "bleu",
    "brevity_penalty",
    "clipped_precision",
    "closest_length",
    "corpus_bleu",
    "greedy_search",
    "length_penalty_factor",
    "multi_head_attention",
    "sequence_log_prob",
]


@dataclass(frozen=True)
class Hypothesis:
    """A translation that a search has found: its tokens, log p(y|x), and what it is ranked by."""

    tokens: tuple
    log_prob: float
    score: float


def beam_search(log_probs, beam_width, max_length, end, length_penalty=0.0):
    """The translations that a beam of this width finds, the best first (`beam-score`).

    log_probs: the model, `prefix -> (V,)`; end: id of the token that ends a sentence; max_length: most
    tokens, end included; length_penalty: α of the score log p / T^α (`length-normalisation`), T with the end.
    At each step every prefix is continued by every token, and the beam_width most probable go on; those that
    end are set aside and kept. beam_width = 1 is greedy search.
    Returns a list of `Hypothesis`: the ended ones by score, then by score those cut off at max_length; of
    equal ones the smaller ids first. Raises ValueError unless beam_width and max_length are positive
    integers, end is an id, length_penalty >= 0, and log_probs gives log-probabilities.
    Sutskever, Vinyals and Le 2014, section 3.2.
    """
    beam_width = _check.integer("beam_width", beam_width)
    max_length = _check.integer("max_length", max_length)
    alpha = _check.non_negative("length_penalty", length_penalty)
    model = _Model(log_probs, end)
    beam, ended = [((), 0.0)], []
    for _ in range(max_length):
        longer = [
            ((*tokens, token), log_prob + step)
            for tokens, log_prob in beam
            for token, step in enumerate(model(tokens))
            if step > -np.inf
        ]
        best = sorted(longer, key=lambda found: (-found[1], found[0]))[:beam_width]
        ended += [found for found in best if found[0][-1] == end]
        beam = [found for found in best if found[0][-1] != end]
        if not beam:
            break
    return _ranked(ended, alpha) + _ranked(beam, alpha)


def greedy_search(log_probs, max_length, end):
    """The translation made of the most probable next token, again and again (`greedy-choice`).

    Arguments, errors: as for `beam_search`. Returns one `Hypothesis`.
    """
    return beam_search(log_probs, 1, max_length, end)[0]


def sequence_log_prob(log_probs, tokens, end):
    """log p(y|x) = Σ_t log p(y_t | y_<t, x) of given tokens (`conditional-lm`, in logarithms).

    log_probs, end: as for `beam_search`; tokens: ids, with the end if the sentence is whole.
    Raises ValueError on an id outside the vocabulary, on a token after the end, or on no token at all.
    """
    model, tokens = _Model(log_probs, end), tuple(tokens)
    if not tokens:
        raise _check.error("tokens", "at least one id", "none")
    total = 0.0
    for t, token in enumerate(tokens):
        if end in tokens[:t]:
            raise _check.error("tokens", f"nothing after the end, {end}", tokens)
        step = model(tokens[:t])
        total += step[_identity(f"tokens[{t}]", token, len(step))]
    return float(total)


def length_penalty_factor(length, alpha, k=0):
    """((k + T)/(k + 1))^α, by which a log-probability is divided: T^α, or with k = 5 Google's.

    Formulas `length-normalisation`, `length-penalty-gnmt`. length: T, tokens with the end; alpha: α >= 0, 0
    for no normalisation, 1 for the mean. Raises ValueError unless length is a positive integer and alpha and
    k >= 0.
    Wu et al. 2016, equation 14, for k = 5.
    """
    length, alpha = _check.integer("length", length), _check.non_negative("alpha", alpha)
    k = _check.non_negative("k", k)
    return ((k + length) / (k + 1)) ** alpha


class _Model:
    """log_probs, its answers checked."""

    def __init__(self, log_probs, end):
        if not callable(log_probs):
            raise _check.error("log_probs", "a function of the tokens so far", repr(log_probs))
        self.log_probs, self.end = log_probs, end

    def __call__(self, prefix):
        found = np.asarray(self.log_probs(prefix))
        name = f"log_probs({prefix})"
        if found.dtype.kind != "f" or found.ndim != 1:
            raise _check.error(name, "shape (V,), floats", f"shape {found.shape}, dtype {found.dtype}")
        total = np.exp(np.minimum(found, 1.0)).sum()
        if not abs(total - 1) < 1e-6:  # a NaN is caught here as well
            raise _check.error(name, "logarithms of probabilities that sum to 1", f"a sum of {total}")
        _identity("end", self.end, len(found))
        return found


def _identity(name, token, size):
    if isinstance(token, bool) or not isinstance(token, (int, np.integer)) or not 0 <= token < size:
        raise _check.error(name, f"an id in 0 … {size - 1}", repr(token))
    return token


def _ranked(found, alpha):
    """Hypotheses by falling score, of equal ones the smaller ids first."""
    scored = [
        Hypothesis(tokens, float(log_prob), float(log_prob / length_penalty_factor(len(tokens), alpha)))
        for tokens, log_prob in found
    ]
    return sorted(scored, key=lambda one: (-one.score, one.tokens))
