import DOMPurify from "dompurify";
import React from "react";

export function Answer({ text }: { text: string }) {
  return <div dangerouslySetInnerHTML={{ __html: text }} />;
}

export function SafeAnswer({ text }: { text: string }) {
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(text) }} />;
}
