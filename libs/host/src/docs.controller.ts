import { asyncapiDocument, chassisRoutes as routes } from '@caretab/contracts';
import { Controller, Inject } from '@nestjs/common';
import { PAGE } from './docs-page';
import { Handles } from './handles';

/** The OpenAPI document of this process; known once all controllers are. */
export class ApiDocument {
  current: Readonly<Record<string, unknown>> = {};
}

/** The public language as a page and as the two documents, without a CDN. */
@Controller()
export class DocsController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Handles(routes.docs)
  page(): string {
    return PAGE;
  }

  @Handles(routes.openapi)
  openapi(): Readonly<Record<string, unknown>> {
    return this.document.current;
  }

  @Handles(routes.asyncapi)
  asyncapi(): string {
    return asyncapiDocument();
  }
}
