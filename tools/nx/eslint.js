// The executor of `lint`. A batch is one ESLint over all projects that are not in Nx's cache: the
// types are read once, and not once per project.
const { join, relative } = require('node:path');
const { ESLint } = require('eslint');
const { filesOf } = require('./targets');

const root = join(__dirname, '../..');
const isLinted = (file) => /\.(ts|mts|cts|js|mjs|cjs)$/.test(file);

const lint = async (projects) => {
  const eslint = new ESLint({ cwd: root });
  const formatter = await eslint.loadFormatter('stylish');
  const owners = new Map(
    projects.flatMap(({ task, folder }) =>
      filesOf(folder)
        .filter(isLinted)
        .map((file) => [file, task]),
    ),
  );
  const found = new Map(projects.map(({ task }) => [task, []]));
  for (const result of await eslint.lintFiles([...owners.keys()]))
    found.get(owners.get(relative(root, result.filePath).replaceAll('\\', '/'))).push(result);
  return Promise.all(
    [...found].map(async ([task, results]) => {
      const faults = results.filter(
        ({ errorCount, warningCount }) => errorCount + warningCount > 0,
      );
      const text = faults.length > 0 ? await formatter.format(faults) : '';
      // Nx shows no output of a batch that failed.
      process.stderr.write(text);
      return [task, { success: faults.length === 0, terminalOutput: text }];
    }),
  );
};

const many = async (taskGraph, _options, _overrides, { projectGraph }) =>
  Object.fromEntries(
    await lint(
      Object.values(taskGraph.tasks).map(({ id, target: { project } }) => ({
        task: id,
        folder: projectGraph.nodes[project].data.root,
      })),
    ),
  );

const one = async (_options, { projectName, projectsConfigurations: { projects } }) => {
  const [[, result]] = await lint([{ task: 'one', folder: projects[projectName].root }]);
  console.log(result.terminalOutput);
  return result;
};

module.exports = { many, one };
