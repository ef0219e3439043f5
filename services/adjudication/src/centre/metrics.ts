import { meter } from '@caretab/telemetry';

const orders = meter('caretab.adjudication').createCounter('caretab.adjudication.centre_orders', {
  description: 'Steps of settlements at the centre, by how they ended; held: a person looks',
});

export const countCentreOrder = (outcome: string): void => orders.add(1, { outcome });
