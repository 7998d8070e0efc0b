"""Airflow DAG: weekly retraining of the demand model."""
from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def promote(**context):
    from mlflow import MlflowClient

    client = MlflowClient()
    version = client.get_latest_versions("demand-forecast")[0].version
    client.set_registered_model_alias("demand-forecast", "champion", version)


with DAG("retrain_demand", start_date=datetime(2025, 1, 6), schedule="@weekly", catchup=False) as dag:
    train = BashOperator(
        task_id="train",
        bash_command="cd /opt/forecast && git pull && python train.py --rounds {{ dag_run.conf['rounds'] }}",
    )
    done = PythonOperator(task_id="promote", python_callable=promote)
    train >> done
