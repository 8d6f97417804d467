"""BLEU: how much of a translation stands in the references, and whether it is long enough."""

import math
from collections import Counter
from functools import reduce
from operator import or_

from notesrc import _check


def bleu(candidate, references, max_n=4):
    """BP exp(mean of log p_n, n = 1 … max_n), between 0 and 1, of one sentence (`bleu`).

    candidate: list of tokens; references: list of such lists; 0 where no n-gram of some length is found, also
    because the candidate has fewer than max_n tokens: there is no smoothing.
    Raises ValueError on an empty candidate or reference, or unless max_n is a positive integer.
    Papineni et al. 2002.
    """
    return _bleu([_pair("candidate", candidate, "references", references)], max_n)


def corpus_bleu(candidates, references, max_n=4):
    """BLEU of a corpus: counts and lengths are summed over its sentences before anything is divided (`bleu`).

    candidates: list of lists of tokens; references: for each candidate, the list of its references.
    Raises ValueError unless they are equally many, and where `bleu` does. Papineni et al. 2002.
    """
    candidates, references = _listed("candidates", candidates), _listed("references", references)
    if len(references) != len(candidates):
        raise _check.error("references", f"{len(candidates)} lists, one for each candidate", len(references))
    pairs = [
        _pair(f"candidates[{i}]", candidate, f"references[{i}]", its_own)
        for i, (candidate, its_own) in enumerate(zip(candidates, references))
    ]
    return _bleu(pairs, max_n)


def clipped_precision(candidate, references, n):
    """(clipped count, count) of the n-grams of candidate: p_n is their quotient (`bleu-precision`).

    An n-gram counts at most as often as it occurs in one of the references. (0, 0) below n tokens.
    Raises ValueError where `bleu` does. Papineni et al. 2002, who call it modified precision.
    """
    candidate, references = _pair("candidate", candidate, "references", references)
    return _clipped(candidate, references, _check.integer("n", n))


def brevity_penalty(c, r):
    """1 for a candidate longer than its reference, else e^{1 − r/c} (`bleu-brevity`).

    c: tokens of the candidate; r: of the reference closest in length. Raises ValueError unless both are
    positive integers. Papineni et al. 2002.
    """
    c, r = _check.integer("c", c), _check.integer("r", r)
    return 1.0 if c > r else math.exp(1 - r / c)


def closest_length(candidate, references):
    """The length of the reference that is closest in length to the candidate; of two, the shorter one's.

    Raises ValueError where `bleu` does.
    """
    candidate, references = _pair("candidate", candidate, "references", references)
    return _closest(candidate, references)


def _bleu(pairs, max_n):
    max_n = _check.integer("max_n", max_n)
    precisions = []
    for n in range(1, max_n + 1):
        clipped, count = map(sum, zip(*(_clipped(*pair, n) for pair in pairs)))
        if clipped == 0:
            return 0.0
        precisions.append(clipped / count)
    c, r = sum(len(candidate) for candidate, _ in pairs), sum(_closest(*pair) for pair in pairs)
    return brevity_penalty(c, r) * math.exp(sum(map(math.log, precisions)) / max_n)


def _clipped(candidate, references, n):
    found = _ngrams(candidate, n)
    most = reduce(or_, (_ngrams(reference, n) for reference in references))  # Counter | Counter: the maxima
    return (found & most).total(), found.total()  # Counter & Counter: the minima


def _ngrams(tokens, n):
    return Counter(zip(*(tokens[i:] for i in range(n))))


def _closest(candidate, references):
    return min(map(len, references), key=lambda r: (abs(r - len(candidate)), r))


def _pair(name, candidate, plural, references):
    """A candidate and its references as non-empty lists of tokens."""
    candidate, references = _listed(name, candidate), _listed(plural, references)
    return candidate, [_listed(f"{plural}[{i}]", reference) for i, reference in enumerate(references)]


def _listed(name, x):
    """x as a non-empty list; a string is none, for its letters are no tokens."""
    if isinstance(x, str) or not hasattr(x, "__len__") or len(x) == 0:
        raise _check.error(name, "a list, not empty (a sentence as a list of tokens)", repr(x))
    return list(x)
