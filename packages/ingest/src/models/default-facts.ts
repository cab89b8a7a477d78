import type { SchemaOptions, StandardSchema, ValidationResult } from "./standard-schema.ts";

/** The facts that are drawn from a document when no schema is given: each a list of short texts. */
export interface DefaultFacts {
  readonly topics: readonly string[];
  readonly people: readonly string[];
  readonly organisations: readonly string[];
  readonly places: readonly string[];
  readonly dates: readonly string[];
}

const names = ["topics", "people", "organisations", "places", "dates"] as const;

const schema: StandardSchema<DefaultFacts> = {
  "~standard": { version: 1, vendor: "tsyncio", validate },
};

function validate(value: unknown): ValidationResult<DefaultFacts> {
  if (typeof value !== "object" || value === null) return { issues: [{ message: "expected an object" }] };
  const given = value as Record<string, unknown>;
  const issues = names
    .filter((name) => !(Array.isArray(given[name]) && given[name].every((item) => typeof item === "string")))
    .map((name) => ({ message: "expected a list of strings", path: [name] }));
  if (issues.length > 0) return { issues };
  return { value: Object.fromEntries(names.map((name) => [name, given[name]])) as unknown as DefaultFacts };
}

export const defaultFacts: SchemaOptions = {
  schema,
  jsonSchema: {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, { type: "array", items: { type: "string" } }])),
    required: names,
    additionalProperties: false,
  },
};
