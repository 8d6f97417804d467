"""Property tests that give the same answer every time, on any machine."""

from hypothesis import Phase, settings
from hypothesis.internal.conjecture import providers

settings.register_profile("book", derandomize=True, deadline=None, database=None, max_examples=60)
# Of a mutant it is enough to know that it fails: no shrinking.
settings.register_profile("mutants", settings.get_profile("book"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("book")

# Hypothesis mixes in the numbers that it finds in the loaded modules: a run of more tests would draw other examples, measure
# other errors, and change the ledger.
NOTHING_FOUND = providers.Constants(integers=set(), floats=set(), bytes=set(), strings=set())
providers._get_local_constants = lambda: NOTHING_FOUND
