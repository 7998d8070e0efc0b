import OpenAI from "openai";
import { ChatOpenAI } from "@langchain/openai";

const client = new OpenAI({
  apiKey: "@@FAKE:openai_key:web@@",
  dangerouslyAllowBrowser: true,
});

// const old = new OpenAI({ apiKey: "sk-…" , dangerouslyAllowBrowser: true });

export const chat = new ChatOpenAI({
  model: "gpt-4o-mini",
  apiKey: process.env.OPENAI_API_KEY,
});

export async function embed(text) {
  const r = await client.embeddings.create({ model: "text-embedding-3-large", input: text });
  return r.data[0].embedding;
}
