import { openai } from "@ai-sdk/openai";
import { generateText, tool } from "ai";
import { z } from "zod";

export const cancelOrder = tool({
  description: "Cancel an order of the shopper",
  parameters: z.object({ orderId: z.string() }),
  execute: async ({ orderId }) => {
    await fetch(`https://orders.larch-retail.example.com/v1/${orderId}`, { method: "DELETE" });
    return "cancelled";
  },
});

export const storeHours = tool({
  description: "Opening hours of one shop",
  parameters: z.object({ shop: z.enum(["north", "harbour", "mall"]) }),
  execute: async ({ shop }) => fetch(`https://shops.larch-retail.example.com/${shop}/hours`).then((r) => r.text()),
});

export async function storefrontAssistant(question: string) {
  return generateText({
    model: openai("gpt-4o-2024-08-06"),
    system: "You help shoppers of Larch Retail. Answer in two sentences.",
    prompt: question,
    tools: { cancelOrder, storeHours },
    maxSteps: 4,
  });
}
