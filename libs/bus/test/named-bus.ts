import type { Bus } from '../src/bus';

/**
 * The bus under names of this run's own: a broker is shared, and a group reads from the beginning.
 */
export const namedBus = (bus: Bus, run: string): Bus => {
  const prefix = `${run}-${process.pid.toString(36)}-${Date.now().toString(36)}.`;
  const own = (topic: string): string => `${prefix}${topic}`;
  return {
    ...(bus.system && { system: bus.system }),
    declare: (declared) =>
      bus.declare(declared.map((topic) => ({ ...topic, name: own(topic.name) }))),
    send: (topic, messages) => bus.send(own(topic), messages),
    consume: (options, handle) =>
      bus.consume(
        { ...options, group: own(options.group), topics: options.topics.map(own) },
        (batch) => {
          const topic = batch.topic.slice(prefix.length);
          return handle({
            ...batch,
            topic,
            messages: batch.messages.map((one) => ({ ...one, topic })),
          });
        },
      ),
    lag: (group, names) => bus.lag(own(group), names.map(own)),
    committed: async (group, names) =>
      (await bus.committed(own(group), names.map(own))).map((one) => ({
        ...one,
        topic: one.topic.slice(prefix.length),
      })),
    close: () => bus.close(),
  };
};
