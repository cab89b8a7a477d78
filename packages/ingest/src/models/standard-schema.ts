/**
 * As much of a Standard Schema (version 1, https://standardschema.dev) as is needed: validation, and the schema as JSON
 * Schema. Zod, Valibot and ArkType make such objects.
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidationResult<Output> | Promise<ValidationResult<Output>>;
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => object };
  };
}

export type ValidationResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A schema, and how it is told to a model. */
export interface SchemaOptions {
  readonly schema: StandardSchema;
  /** The schema as JSON Schema. Default: what the schema itself gives. */
  readonly jsonSchema?: object;
}

/** The schema as JSON Schema. @throws TypeError for one that cannot say it. */
export function jsonSchemaOf({ schema, jsonSchema }: SchemaOptions): object {
  const standard = schema?.["~standard"];
  if (standard === undefined || typeof standard.validate !== "function") {
    throw new TypeError("schema: expected a Standard Schema, such as those of Zod 4, Valibot or ArkType");
  }
  if (jsonSchema !== undefined) return jsonSchema;
  if (standard.jsonSchema !== undefined) return standard.jsonSchema.input({ target: "draft-2020-12" });
  throw new TypeError(
    `schema: this one (${standard.vendor}) cannot say itself as JSON Schema: give jsonSchema as well`,
  );
}

/** The validation's complaints, for people and for models. */
export function describeIssues(issues: readonly ValidationIssue[]): string {
  return issues.map(({ message, path }) => `${pathOf(path)}${message}`).join("; ");
}

function pathOf(path: ValidationIssue["path"]): string {
  if (path === undefined || path.length === 0) return "";
  return `${path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")}: `;
}
