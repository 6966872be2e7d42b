/*
 * Paths to what is found of an item: $ (all of it), a.b, a[0], a[-1], a[*], * (any member) and {a,b}.
 *
 * The rules are those of LangGraph's InMemoryStore, which does not export them.
 */

const TOKEN = /\[[^\]]*\]|\{[^}]*\}|[^.[{]+/g;

function tokens(path: string): string[] {
  return path.match(TOKEN) ?? [];
}

/** The texts of a value at a path. */
export function textsAt(value: unknown, path: string): string[] {
  return path === "" || path === "$" ? shown(value) : walk(value, tokens(path));
}

function walk(value: unknown, [token, ...rest]: string[]): string[] {
  if (token === undefined) return shown(value);
  return (step(value, token) ?? []).flatMap((it) => walk(it, rest));
}

/** What is one token further. */
function step(value: unknown, token: string): unknown[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const inside = token.slice(1, -1);
  if (token.startsWith("[")) {
    if (!Array.isArray(value)) return undefined;
    return inside === "*" ? value : /^-?\d+$/.test(inside) ? [value.at(Number(inside))] : undefined;
  }
  if (token.startsWith("{")) return inside.split(",").flatMap((it) => textsAt(value, it.trim()));
  if (token === "*") return Object.values(value);
  return Object.hasOwn(value, token) ? [(value as Record<string, unknown>)[token]] : undefined;
}

function shown(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === undefined || value === null || typeof value === "function") return [];
  if (typeof value !== "object") return [String(value)];
  return [JSON.stringify(value, (_, it) => (typeof it === "bigint" ? String(it) : it), 2)];
}

/** A path as store_put() has it, which knows neither {a,b} nor a * that is any member or any element. */
export function spellings(path: string): string[] {
  let paths = [""];
  for (const token of tokens(path)) {
    const join = (it: string, name: string) => (it === "" ? name : `${it}.${name}`);
    if (token.startsWith("[")) paths = paths.map((it) => it + token);
    else if (token.startsWith("{"))
      return paths.flatMap((it) =>
        token
          .slice(1, -1)
          .split(",")
          .map((name) => join(it, name.trim())),
      );
    else {
      const elements = token === "*" ? paths.filter((it) => it !== "").map((it) => `${it}[*]`) : [];
      paths = [...paths.map((it) => join(it, token)), ...elements];
    }
  }
  return paths.map((it) => (it === "" ? "$" : it));
}
