import { toMilliseconds } from "../kernel/duration.ts";
import { describeValue } from "../kernel/values.ts";
import type { BatchSettings } from "./batch-stage.ts";
import type { BufferSettings } from "./buffer-stage.ts";
import { checkedMeasure, expectBound } from "./measure.ts";
import type { BatchOptions, BufferOptions } from "./options.ts";

/** @throws TypeError, RangeError for options that make no sense. */
export function batchSettings<T>(options: BatchOptions<T>): BatchSettings<T> {
  const { items, size, maxWait } = options;
  if (items === undefined && size === undefined && maxWait === undefined) {
    throw new TypeError("batch: expected items, size or maxWait: without a bound it would collect for ever");
  }
  return {
    name: options.name ?? "batch",
    items: expectItems(items, "batch: items"),
    size: expectBound(size, "batch: size"),
    measure: size === undefined ? null : checkedMeasure(options.measure, "batch"),
    maxWait: maxWait === undefined ? Number.POSITIVE_INFINITY : Math.max(0, toMilliseconds(maxWait, "batch: maxWait")),
  };
}

/** @throws TypeError, RangeError for options that make no sense. */
export function bufferSettings<T>(options: BufferOptions<T>): BufferSettings<T> {
  const { items, bytes } = options;
  if (items === undefined && bytes === undefined) {
    throw new TypeError("buffer: expected items or bytes: without a bound it would grow for ever");
  }
  return {
    name: options.name ?? "buffer",
    items: expectItems(items, "buffer: items"),
    bytes: expectBound(bytes, "buffer: bytes"),
    measure: bytes === undefined ? null : checkedMeasure(options.measure, "buffer"),
  };
}

function expectItems(items: number | undefined, what: string): number {
  if (items === undefined) return Number.POSITIVE_INFINITY;
  if (Number.isInteger(items) && items >= 1) return items;
  throw new RangeError(`${what}: expected a whole number from 1 on, got ${describeValue(items)}`);
}

/** @throws RangeError unless it is a number of items. */
export function expectCount(count: number, what: string): void {
  if (Number.isInteger(count) && count >= 0) return;
  throw new RangeError(`${what}: expected a whole number from 0 on, got ${describeValue(count)}`);
}
