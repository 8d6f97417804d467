"""The flashcards: read and checked from cards/*.yml, drawn for the site, Anki, plain text and Jupyter. Knows nothing of Sphinx."""
