"""Computes a dose from the clinic's own table; the language model has no say in it."""

import ast

MILLIGRAMS_PER_KILOGRAM = {"paracetamol": 15.0, "ibuprofen": 10.0}


def dose(medicine: str, weight: str) -> float:
    """Milligrams of `medicine` for a patient of `weight` kilograms, which may be written as a Python number."""
    return MILLIGRAMS_PER_KILOGRAM[medicine] * float(ast.literal_eval(weight))
