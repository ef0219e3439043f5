import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A call of Cedar's, compiled into its caller, whose code is dropped while the call is under way. */
const CALL = `
  const { permittedBy, ACTIONS } = require(process.argv[1]);
  let isDropped = false;
  const cedar = require('@cedar-policy/cedar-wasm/nodejs');
  permittedBy({ kind: 'Finance', attributes: {}, hasSecondFactor: false }, ACTIONS[0], {});
  const it = (type, attrs) => ({ uid: { type, id: 'it' }, attrs, parents: [] });
  const question = () => ({
    principal: { type: 'Finance', id: 'it' },
    action: { type: 'Action', id: ACTIONS[0] },
    resource: { type: 'Thing', id: 'it' },
    context: {
      get hasSecondFactor() {
        if (isDropped) {
          %DeoptimizeFunction(decide);
          %DeoptimizeFunction(cedar.statefulIsAuthorized);
        }
        return false;
      },
      isMachine: false,
      isOperatorKey: false,
      isNamed: false,
    },
    preparsedSchemaName: 'caretab',
    preparsedPolicySetId: 'caretab',
    validateRequest: false,
    entities: [it('Finance', {}), it('Thing', { isPublic: false })],
  });
  function decide(asked) {
    return cedar.statefulIsAuthorized(asked);
  }
  for (let count = 0; count < 300; count += 1) decide(question());
  %OptimizeFunctionOnNextCall(decide);
  decide(question());
  isDropped = true;
  console.log(decide(question()).type);
`;

test('code that was compiled around a decision may be dropped while it is made', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--allow-natives-syntax', '--eval', CALL, join(__dirname, '../dist/cedar.js')],
    { cwd: __dirname, encoding: 'utf8' },
  );
  expect(`${stdout}${stderr}`).toBe('success\n');
}, 60_000);
