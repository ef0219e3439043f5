import { TopicStory } from './audit-topics';

const read = (story: TopicStory, type: string, data: object): void =>
  story.read('a topic', {
    headers: { ce_id: `${type} 1`, ce_type: type },
    value: JSON.stringify(data),
  });

test.each([
  ['of a child the guardian is asked', 'p-guardian', 'p-guardian'],
  ['of another the person is asked', 'p-1', 'p-1'],
])('for a late charge before the settlement %s', (_what, accountPersonId, recipientId) => {
  const story = new TopicStory();
  const visit = { visitId: 'CH001-V1', institutionId: 'CH001', personId: 'p-1' };
  read(story, 'ChargeAwaitsAgreement', { ...visit, chargeId: 'a' });
  // Another topic, which is read later.
  read(story, 'ServiceOpened', { personId: 'p-1', accountPersonId });
  const mails = [...story.notices.values()].filter(({ template }) => template === 'late-charge');
  expect(mails).toMatchObject([{ recipientId, channel: 'email' }]);
});
