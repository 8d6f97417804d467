"""The numbers on the cards of chapter 15."""

import numpy as np

from notesrc.language_model import char_feature_map, ngram_counts, ngram_probabilities, perplexity


def bigram_by_hand():
    a, b, c = range(3)
    counts = ngram_counts(np.array([a, b, a, b, a, c]), 2, 3)
    return float(ngram_probabilities(counts, 1.0)[a, b])


def perplexity_chars_to_words():
    words, characters = 1, 5
    log_likelihood = -characters * np.log(3)
    np.testing.assert_allclose(perplexity(log_likelihood, characters), 3)
    return float(perplexity(log_likelihood, words))


def narrow_convolution_places():
    word, filters = np.zeros((8, 4)), np.zeros((1, 3, 4))
    return len(char_feature_map(word, filters, np.zeros(1)))
