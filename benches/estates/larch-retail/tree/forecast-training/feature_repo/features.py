"""Feast definitions."""
from datetime import timedelta

from feast import Entity, FeatureView, Field, RedshiftSource
from feast.types import Float32, Int64

shop = Entity(name="shop", join_keys=["shop_id"])
sales_source = RedshiftSource(name="sales_daily", table="sales_daily", timestamp_field="day")
shop_sales = FeatureView(
    name="shop_sales",
    entities=[shop],
    ttl=timedelta(days=7),
    schema=[Field(name="units_7d", dtype=Int64), Field(name="revenue_7d", dtype=Float32)],
    source=sales_source,
)
