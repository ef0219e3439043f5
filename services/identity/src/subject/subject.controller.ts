import { signInRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Subjects, type SubjectDetails } from './subjects';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → staff and machines. */
@Controller()
export class SubjectController {
  constructor(@Inject(Subjects) private readonly subjects: Subjects) {}

  @Handles(routes.putSubject)
  async put({
    params: { subjectId },
    body,
    approvedBy,
  }: Input<'putSubject'>): Answer<'putSubject'> {
    // Which roles there are is checked there.
    const details = { ...body, approvedBy } as SubjectDetails;
    const isNew = await this.subjects.put(subjectId, details);
    return isNew ? new Reply(201, { subjectId }) : new Reply(200, { subjectId });
  }

  @Handles(routes.renewSignIn)
  renewSignIn({ params: { subjectId }, approvedBy }: Input<'renewSignIn'>): Answer<'renewSignIn'> {
    return this.subjects.renewSignIn(subjectId, approvedBy);
  }

  @Handles(routes.removeSubject)
  remove({ params: { subjectId } }: Input<'removeSubject'>): Answer<'removeSubject'> {
    return this.subjects.remove(subjectId);
  }

  @Handles(routes.listSubjects)
  list(): Answer<'listSubjects'> {
    return this.subjects.list();
  }
}
