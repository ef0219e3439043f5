import { dirname } from 'node:path';
import { asyncapiDocument, chassisRoutes as routes } from '@caretab/contracts';
import { Controller, Inject } from '@nestjs/common';
import { Handles } from './handles';

/** Where the files of Swagger UI are, served under UI_PATH. */
export const UI_FOLDER = dirname(require.resolve('swagger-ui-dist/package.json'));
export const UI_PATH = '/docs/ui';

/** The OpenAPI document of this process; known once all controllers are. */
export class ApiDocument {
  current: Readonly<Record<string, unknown>> = {};
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>CareTab API</title>
    <link rel="stylesheet" href="${UI_PATH}/swagger-ui.css" />
  </head>
  <body>
    <p style="font-family: sans-serif; padding: 0 20px">
      HTTP: <a href="/docs/openapi.json">openapi.json</a> ·
      Kafka: <a href="/docs/asyncapi.yaml">asyncapi.yaml</a>
    </p>
    <div id="api"></div>
    <script src="${UI_PATH}/swagger-ui-bundle.js"></script>
    <script>SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#api' });</script>
  </body>
</html>
`;

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
