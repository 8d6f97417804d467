"""The verdict of `make mutants`."""

from tools.mutants import unnamed

RESULTS = """    notesrc.a.x_f__mutmut_1: survived
    notesrc.a.x_f__mutmut_11: no tests
    notesrc.a.x_f__mutmut_12: timeout

"""


def test_a_mutant_that_the_table_names_in_full_is_accepted_and_no_other():
    assert unnamed(RESULTS, "| `notesrc.a.x_f__mutmut_1` | equivalent |") == ["notesrc.a.x_f__mutmut_11: no tests"]
    assert unnamed(RESULTS, "`notesrc.a.x_f__mutmut_1` `notesrc.a.x_f__mutmut_11`") == []
    assert unnamed("", "") == []
