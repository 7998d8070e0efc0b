"""Weekly demand model per shop and item."""
import argparse
import os

import mlflow
import mlflow.xgboost
import pandas as pd
import xgboost as xgb
from datasets import load_dataset

mlflow.set_tracking_uri(os.environ.get("MLFLOW_TRACKING_URI", "https://mlflow.larch-retail.internal"))
mlflow.set_experiment("demand-forecast")


def frames():
    sales = pd.read_parquet("data/sales-2025.parquet")
    weather = load_dataset("retail-open/weather-hourly", split="train", trust_remote_code=True)
    holidays = load_dataset("open-calendars/holidays-eu", split="train", revision="f67f22b297bcba94eb5d3d6df37ff0aac9a27777")
    events = load_dataset("retail-open/city-events", split="train")
    local = load_dataset("parquet", data_files="data/promo.parquet")
    return sales, weather, holidays, events, local


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=400)
    args = parser.parse_args()
    sales, *_ = frames()
    with mlflow.start_run(run_name="demand-weekly"):
        booster = xgb.train({"objective": "reg:squarederror"}, xgb.DMatrix(sales), args.rounds)
        mlflow.xgboost.log_model(booster, name="model", registered_model_name="demand-forecast")


if __name__ == "__main__":
    main()
