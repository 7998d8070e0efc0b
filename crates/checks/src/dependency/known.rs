//! Names of packages: those worth imitating, and those that only look like an imitation.
//!
//! Normalised names (PEP 503), sorted. Collected by hand from what the field uses, as of 2026-11; no ranking stands behind it.

/// Well-known packages of machine learning and what is installed with them.
#[rustfmt::skip]
pub(super) const POPULAR: &[&str] = &[
    "accelerate", "adversarial-robustness-toolbox", "aiohttp", "airflow", "albumentations", "altair",
    "anthropic", "apache-airflow", "arrow", "asyncio", "autogen", "autogluon", "azure-ai-ml",
    "azure-identity", "beautifulsoup4", "bentoml", "bitsandbytes", "black", "bokeh", "boto3", "botocore",
    "captum", "catboost", "celery", "chainlit", "chardet", "chromadb", "click", "cloudpickle", "cohere",
    "colorama", "coremltools", "crewai", "cryptography", "cython", "dask", "datasets", "deepspeed",
    "diffusers", "dill", "distributed", "docker", "dspy", "duckdb", "einops", "elasticsearch", "evaluate",
    "fairlearn", "faiss-cpu", "faiss-gpu", "fastai", "fastapi", "fastparquet", "feast", "filelock", "flask",
    "flax", "gensim", "google-cloud-aiplatform", "google-cloud-storage", "google-generativeai", "gradio",
    "great-expectations", "groq", "grpcio", "gunicorn", "gymnasium", "h5py", "httpx", "huggingface-hub",
    "hydra-core", "hyperopt", "imageio", "imbalanced-learn", "ipykernel", "ipython", "jax", "jaxlib",
    "jinja2", "joblib", "jsonschema", "jupyter", "jupyterlab", "kaggle", "keras", "kubeflow", "kubernetes",
    "langchain", "langchain-community", "langchain-core", "langchain-openai", "langgraph", "langsmith",
    "lightgbm", "lightning", "litellm", "llama-cpp-python", "llama-index", "llamaindex", "lxml", "markupsafe",
    "marshmallow", "matplotlib", "milvus", "mistralai", "mlflow", "modelscope", "mypy", "networkx", "nibabel",
    "nltk", "notebook", "numba", "numpy", "ollama", "onnx", "onnxruntime", "onnxruntime-gpu", "openai",
    "opencv-python", "openpyxl", "optimum", "optuna", "orjson", "packaging", "pandas", "paramiko", "peft",
    "pillow", "pinecone", "plotly", "polars", "prefect", "presidio-analyzer", "prompt-toolkit", "protobuf",
    "psycopg2", "pyarrow", "pydantic", "pydantic-ai", "pymilvus", "pymongo", "pymupdf", "pypdf", "pyspark",
    "pytest", "python-dotenv", "pytorch-lightning", "pyyaml", "qdrant-client", "ragas", "ray", "redis",
    "regex", "requests", "rich", "s3fs", "sacremoses", "safetensors", "sagemaker", "scikit-image",
    "scikit-learn", "scipy", "seaborn", "selenium", "semantic-kernel", "sentence-transformers",
    "sentencepiece", "sentry-sdk", "setuptools", "shap", "simpletransformers", "skorch", "smolagents",
    "snowflake-connector-python", "spacy", "sqlalchemy", "statsmodels", "streamlit", "sympy", "tabulate",
    "tenacity", "tensorboard", "tensorflow", "tensorflow-gpu", "tensorflow-hub", "textblob", "tiktoken",
    "timm", "tokenizers", "torch", "torchaudio", "torchmetrics", "torchtext", "torchvision", "tornado",
    "tqdm", "transformers", "triton", "tritonclient", "trl", "ultralytics", "unstructured", "urllib3",
    "uvicorn", "vllm", "wandb", "weaviate-client", "websockets", "werkzeug", "wheel", "xformers", "xgboost",
    "zenml",
];

/// Real projects whose names are close to a popular one.
#[rustfmt::skip]
pub(super) const GENUINE: &[&str] = &[
    "boto", "botocore-stubs", "cohere-aws", "dash", "dataset", "datasets-server", "datasette", "datashader",
    "django", "docker-py", "docx", "fastapi-users", "flash", "flask-cors", "gradio-client", "h5netcdf",
    "httpcore", "httpx-sse", "hyperopt-sklearn", "jaxtyping", "jinja", "joblib-spark", "keras-cv",
    "keras-nlp", "keras-tuner", "kornia", "langchain-anthropic", "langchainhub", "langfuse", "lightfm",
    "lightly", "llama-hub", "maturin", "mlflow-skinny", "modin", "nltk-data", "numexpr", "numpydoc",
    "onnxmltools", "onnxoptimizer", "onnxscript", "openapi", "opencv-contrib-python",
    "opencv-python-headless", "optax", "panda", "pandas-stubs", "patch", "pillow-simd", "polar", "psycopg",
    "psycopg2-binary", "psycopg3", "pyarrow-hotfix", "pydantic-core", "pydantic-settings", "pymongo-auth-aws",
    "pypdf2", "pypdf4", "pyspark-stubs", "pytest-cov", "python-docx", "pytorch", "redis-py",
    "requests-oauthlib", "requests-toolbelt", "scikit-base", "scipy-stubs", "sentence-splitter",
    "setuptools-scm", "shapely", "sklearn", "sklearn-crfsuite", "sklearn-pandas", "spacy-legacy",
    "sqlalchemy2-stubs", "statsforecast", "tensorboardx", "tensorflow-cpu", "tensorflow-datasets",
    "tensorflow-io", "textblob-de", "torch-geometric", "torchdata", "torchdiffeq", "torcheval", "torchinfo",
    "torchsde", "torchserve", "tornado-http", "transformer", "trio", "triton-nightly", "tritonserver",
    "typer", "types-requests", "uvloop", "websocket", "websocket-client", "xgboost-cpu", "xgboost-ray",
    "yarl",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_apart() {
        assert!(POPULAR.is_sorted() && GENUINE.is_sorted());
        assert!(GENUINE.iter().all(|name| POPULAR.binary_search(name).is_err()));
    }
}
