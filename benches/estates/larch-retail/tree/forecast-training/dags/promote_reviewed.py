"""Airflow DAG: promotion after the weekly review."""
from datetime import datetime

from airflow import DAG
from airflow.operators.python import PythonOperator, ShortCircuitOperator

MAX_MAPE = 0.13


def reviewed(**context):
    from mlflow import MlflowClient

    conf = context["dag_run"].conf
    version = MlflowClient().get_model_version("demand-forecast", conf["version"])
    run = MlflowClient().get_run(version.run_id)
    return version.tags.get("validation_status") == "approved" and run.data.metrics["mape"] < MAX_MAPE


def promote(**context):
    from mlflow import MlflowClient

    MlflowClient().set_registered_model_alias("demand-forecast", "champion", context["dag_run"].conf["version"])


with DAG("promote_reviewed", start_date=datetime(2025, 1, 6), schedule=None, catchup=False) as dag:
    ShortCircuitOperator(task_id="reviewed", python_callable=reviewed) >> PythonOperator(task_id="promote", python_callable=promote)
