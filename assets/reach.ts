// One request to the server: the answer's body, or what is wrong.
import { problemIn, type Problem } from "./toasts";

export type Answer<T> = { ok: true; body: T } | { ok: false; problem: Problem };

/** lost: what to say where no answer comes. A request that was given up is wrong without a word. */
export async function reach<T>(address: string, init: RequestInit, lost = (): Problem => problemIn("", 0)): Promise<Answer<T>> {
  try {
    const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" }, ...init });
    const text = await response.text();
    if (!response.ok) return { ok: false, problem: problemIn(text, response.status) };
    const html = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    return { ok: true, body: (html ? text : JSON.parse(text)) as T };
  } catch (error) {
    if ((error as Error).name === "AbortError") return { ok: false, problem: { thing: "" } };
    return { ok: false, problem: lost() };
  }
}
