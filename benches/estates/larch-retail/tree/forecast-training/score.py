"""Nightly scoring with the registered model."""
import mlflow.pyfunc
from keras.models import load_model

demand = mlflow.pyfunc.load_model("models:/demand-forecast@champion")
trend = load_model("/srv/models/trend.keras", safe_mode=False)
season = load_model("/srv/models/season.keras", safe_mode=True)
