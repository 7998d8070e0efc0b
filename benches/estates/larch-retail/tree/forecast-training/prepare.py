"""Cleans the raw sales."""
import sys

import pandas as pd

if __name__ == "__main__":
    src, dst = sys.argv[1:3]
    pd.read_parquet(src).dropna().to_parquet(dst)
