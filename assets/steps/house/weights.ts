// Weights of the characteristics: at once by the classic sum, then as the analysis computes them.
import { csrf } from "../../edits";
import type { House, Need } from "./model";
import { ranks } from "./model";

export interface Weights {
  raw: number[];
  share: number[];
  absolute: number[];
  relative: number[];
  rank: number[];
  ratio: { relative: number[]; rank: number[] } | null;
  why: string;
}

/** Strengths by judge: what each judge wrote in a cell. */
export class Cells {
  private readonly held = new Map<string, number>();
  judges: string[];

  constructor(house: House) {
    this.judges = [...new Set(house.cells.map((one) => one[2]))];
    for (const [need, characteristic, judge, strength] of house.cells) this.held.set(JSON.stringify([need, characteristic, judge]), strength);
  }

  of(need: string, characteristic: string, judge: string): number | null {
    return this.held.get(JSON.stringify([need, characteristic, judge])) ?? null;
  }

  put(need: string, characteristic: string, judge: string, strength: number | null): void {
    const key = JSON.stringify([need, characteristic, judge]);
    if (strength === null) this.held.delete(key);
    else this.held.set(key, strength);
    if (strength !== null && !this.judges.includes(judge)) this.judges.push(judge);
    else if (strength === null && ![...this.held.keys()].some((one) => (JSON.parse(one) as string[])[2] === judge)) {
      this.judges = this.judges.filter((one) => one !== judge);
    }
  }

  /** The mean over the judges; a cell that a judge left out counts as no relationship. */
  mean(need: string, characteristic: string): number {
    const judges = this.judges.length || 1;
    return this.judges.reduce((sum, judge) => sum + (this.of(need, characteristic, judge) ?? 0), 0) / judges;
  }
}

/** Target over today's rating; null where one of them is not known. */
export function improvement(need: Need): number | null {
  const now = need.now ?? (need.ours !== null && need.ours > 0 ? need.ours : null);
  return need.target !== null && now !== null ? need.target / now : null;
}

/** The classic sum: weight of the need times strength, over all needs. */
export function classic(house: House, cells: Cells): Weights {
  const importance = house.needs.map((need) => Math.max(0, need.importance ?? 0));
  const even = importance.length > 0 && importance.every((one) => one === 0);
  const ratios = house.needs.map(improvement);
  const points = house.needs.map((need) => need.sales_point ?? 1);
  const planned = ratios.some((one) => one !== null) || points.some((one) => one !== 1);
  const raw = importance.map((one, row) => (even ? 1 : one) * (planned ? (ratios[row] ?? 1) * (points[row] ?? 1) : 1));
  const absolute = house.characteristics.map((column) =>
    house.needs.reduce((sum, need, row) => sum + (raw[row] ?? 0) * cells.mean(need.id, column.id), 0),
  );
  const total = absolute.reduce((sum, one) => sum + one, 0);
  const whole = raw.reduce((sum, one) => sum + one, 0);
  return {
    raw,
    share: raw.map((one) => (whole > 0 ? one / whole : 0)),
    absolute,
    relative: absolute.map((one) => (total > 0 ? one / total : 0)),
    rank: total > 0 ? ranks(absolute) : [],
    ratio: null,
    why: "",
  };
}

interface Answer {
  why?: string;
  raw: number[];
  share: number[];
  classic: { absolute: number[]; relative: number[]; rank: number[] };
  ratio: { relative: number[]; rank: number[] };
}

/** The weights as the methods of the analysis give them; null where the server cannot be reached. */
export async function exact(url: string, house: House, cells: Cells): Promise<Weights | null> {
  const judges = cells.judges.length ? cells.judges : [""];
  const body = {
    relationships: judges.map((judge) => house.needs.map((need) => house.characteristics.map((column) => cells.of(need.id, column.id, judge) ?? 0))),
    importance: house.needs.map((need) => Math.max(0, need.importance ?? 0)),
    improvement_ratio: house.needs.map(improvement),
    sales_point: house.needs.map((need) => need.sales_point),
  };
  const answer = await posted<Answer>(url, body);
  if (!answer) return null;
  if (answer.why) return { ...classic(house, cells), why: answer.why };
  return { raw: answer.raw, share: answer.share, ...answer.classic, ratio: answer.ratio, why: "" };
}

/** Asks the server to compute; null where it cannot be reached or refuses. */
export async function posted<T>(url: string, body: unknown): Promise<T | null> {
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() };
    const response = await fetch(url, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}
