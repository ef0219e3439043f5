import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { FreeText } from '../free-text';
import { Instant } from '../schemas';

/** An object that holds these fields and no others. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  options: { readonly description?: string } = {},
) => Type.Object(properties, { ...options, additionalProperties: false });

export const oneOf = <const Texts extends readonly string[]>(...texts: Texts) =>
  Type.Union(texts.map((text) => Type.Literal(text as Texts[number])));
export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A moment in an answer; code gives a Date, the wire has RFC 3339. */
export const Moment = Type.Unsafe<Date | string>(Instant);
export const Count = Type.Integer({ minimum: 0 });
export const CountBy = Type.Record(Type.String(), Count);
export const Facts = Type.Record(Type.String(), Type.Unknown());
/** An operator's reason, which is kept. */
export const Why = FreeText({ minLength: 3, maxLength: 200 });
