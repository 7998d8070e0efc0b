"""Airflow DAG: nightly scoring."""
from datetime import datetime

from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash import BashOperator

with DAG("score_nightly", start_date=datetime(2025, 1, 6), schedule="30 1 * * *", catchup=False) as dag:
    BashOperator(
        task_id="score",
        bash_command='python /opt/forecast/score.py --day "$DAY"',
        env={"DAY": "{{ ds }}", "MLFLOW_TRACKING_PASSWORD": Variable.get("mlflow_password")},
        append_env=True,
    )
