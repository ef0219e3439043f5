import { Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { Paper } from './consent-keys';
import { route } from './route';
import { closed, Moment } from './shapes';

const WhosePerson = closed({ personId: PersonId });
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/** What two persons recorded, the latest first; the first one counts. */
const Standing = closed({
  personId: PersonId,
  died: Type.Boolean(),
  records: Type.Array(
    closed({
      revision: Type.Integer({ minimum: 1 }),
      died: Type.Boolean({ description: 'false: it was taken back' }),
      diedOn: Type.Optional({ ...Day, description: 'Absent once the data is destroyed' }),
      paper: Paper,
      recordedBy: Type.String(),
      approvedBy: Type.String(),
      at: Moment,
    }),
  ),
});

/** A death ends what a person agreed to at once; who is alive after all has it back. */
export const deathRoutes = {
  recordDeath: route({
    method: 'PUT',
    path: '/identity/persons/{personId}/death',
    action: 'deaths.record',
    whose: { person: 'params.personId' },
    approval: { when: 'always', shows: ['paper'] },
    summary: 'Record that a person has died, by two persons with the evidence · 登记死亡',
    description:
      'Nothing more is held or debited, no step of arrears is taken, and no notice is sent. What is ' +
      'owed stays owed. 不再新增额度占用，不再扣款，不再催缴，不再发送通知；已欠费用不变。',
    params: WhosePerson,
    body: closed({
      diedOn: { ...Day, description: 'As the paper says' },
      paper: { ...Paper, description: 'The number under which the evidence is filed' },
    }),
    responses: { 200: Standing },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED', 'DEATH_CONFLICT'],
  }),
  takeBackDeath: route({
    method: 'DELETE',
    path: '/identity/persons/{personId}/death',
    action: 'deaths.take-back',
    whose: { person: 'params.personId' },
    approval: { when: 'always' },
    summary: 'Take back that a person has died, by two persons with the evidence · 撤销死亡登记',
    params: WhosePerson,
    query: closed({
      paper: { ...Paper, description: 'The number under which the evidence is filed' },
    }),
    responses: { 200: Standing },
    problems: ['PERSON_UNKNOWN', 'DEATH_NOT_RECORDED'],
  }),
  showDeath: route({
    method: 'GET',
    path: '/identity/persons/{personId}/death',
    action: 'deaths.read',
    whose: { person: 'params.personId' },
    summary: 'What was recorded of a death, and taken back',
    params: WhosePerson,
    responses: { 200: Standing },
    problems: ['PERSON_UNKNOWN'],
  }),
};
