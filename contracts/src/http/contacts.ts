import { Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { Language } from './person';
import { route } from './route';
import { closed } from './shapes';

const contact = {
  mobile: Type.String(),
  email: Type.Optional(Type.String()),
  language: Type.Optional(Language),
};

/** Where notices reach persons. */
export const contactRoutes = {
  contactPerson: route({
    method: 'GET',
    path: '/identity/persons/{personId}/contact',
    action: 'persons.contact',
    whose: { person: 'params.personId' },
    summary: 'How a person is reached',
    params: closed({ personId: PersonId }),
    responses: { 200: closed(contact) },
    problems: ['PERSON_UNKNOWN', 'PERSONAL_DATA_DESTROYED'],
  }),
  contactPersons: route({
    method: 'POST',
    path: '/identity/persons/contacts',
    action: 'persons.contact-many',
    whose: 'platform',
    asks: true,
    summary: 'How persons are reached; who is in neither list is not known',
    body: closed({ personIds: Type.Array(PersonId, { minItems: 1, maxItems: 100 }) }),
    responses: {
      200: closed({
        contacts: Type.Array(closed({ personId: PersonId, ...contact })),
        destroyed: Type.Array(PersonId, { description: 'Whose personal data was destroyed' }),
      }),
    },
    problems: [],
  }),
};
