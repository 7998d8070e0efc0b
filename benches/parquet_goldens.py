"""Writes the small Parquet files of crates/formats/tests/parquet; needs pyarrow."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent.parent / "crates/formats/tests/parquet"
n = 200
table = pa.table(
    {
        "whole": pa.array([i % 7 for i in range(n)], pa.int32()),
        "long": pa.array([i * 1000 for i in range(n)], pa.int64()),
        "single": pa.array([i / 4 for i in range(n)], pa.float32()),
        "double": pa.array([None if i % 5 == 0 else i / 8 for i in range(n)], pa.float64()),
        "truth": pa.array([i % 3 == 0 for i in range(n)], pa.bool_()),
        "text": pa.array([["red", "green", None][i % 3] for i in range(n)], pa.string()),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    for version in ["1.0", "2.0"]:
        for dictionary in [True, False]:
            if codec not in ("none", "snappy") and (version == "1.0") != dictionary:
                continue
            name = f"{codec}-page{version[0]}-{'dictionary' if dictionary else 'plain'}.parquet"
            pq.write_table(
                table,
                here / name,
                compression=codec,
                data_page_version=version,
                use_dictionary=dictionary,
                row_group_size=150,
                store_schema=False,
                write_statistics=False,
                column_encoding=None if dictionary else {"truth": "PLAIN"} if version == "2.0" else None,
            )
pq.write_table(
    pa.table({"d": pa.array([1, 2], pa.int64())}),
    here / "refused-delta.parquet",
    use_dictionary=False,
    column_encoding={"d": "DELTA_BINARY_PACKED"},
    store_schema=False,
)
pq.write_table(pa.table({"l": [[1], [2, 3]]}), here / "refused-nested.parquet", store_schema=False)
