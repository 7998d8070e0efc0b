"""Retrieval over the help centre."""
import chromadb
from langchain_community.vectorstores import FAISS
from langchain_openai import OpenAIEmbeddings

embeddings = OpenAIEmbeddings(model="text-embedding-3-small")

help_index = FAISS.load_local(
    "/srv/index/help-centre", embeddings, allow_dangerous_deserialization=True
)

policies = chromadb.HttpClient(host="chroma.rag.svc.cluster.local", port=8000).get_collection("return-policies")


def ingest_ticket(text: str, ticket: str) -> None:
    policies.add(documents=[text], ids=[ticket])


def search(question: str):
    return policies.query(query_texts=[question], n_results=4)


def open_private_index():
    return FAISS.load_local("/srv/index/private", embeddings, allow_dangerous_deserialization=False)
