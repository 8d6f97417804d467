"""The numbers on the cards of chapter 14."""

import numpy as np

from notesrc.embeddings import cosine_similarity, noise_distribution


def noise_power_by_hand():
    frequent, rare = noise_distribution(np.array([10000.0, 1.0]))
    return frequent / rare


def cosine_by_hand():
    u, v = np.array([3.0, 4.0]), np.array([4.0, 3.0])
    return u @ v, np.linalg.norm(u) * np.linalg.norm(v), float(cosine_similarity(u, v))
