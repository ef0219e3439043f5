import { hash } from 'node:crypto';
import { dirname } from 'node:path';

/** Where the files of Swagger UI are, served under UI_PATH. */
export const UI_FOLDER = dirname(require.resolve('swagger-ui-dist/package.json'));
export const UI_PATH = '/docs/ui';

const SCRIPT = "SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#api' });";

/** As which a browser that keeps to the page's Content-Security-Policy knows its script. */
export const SCRIPT_SOURCE = `'sha256-${hash('sha256', SCRIPT, 'base64')}'`;

export const PAGE = `<!doctype html>
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
    <script>${SCRIPT}</script>
  </body>
</html>
`;
