import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withFileLock } from '../file-lock';

/** The oldest Java that runs the release named in the pom. */
const JAVA_MIN = 17;
const POM = join(__dirname, '../../kafka/pom.xml');
const ROOT = join(__dirname, '../../../..');
const ELSE =
  'or point KAFKA_BROKERS at a Kafka that runs elsewhere (with Docker: docker run -p 9092:9092 apache/kafka)';

export interface KafkaJars {
  readonly java: string;
  /** As in the pom, e.g. 4.4.0. */
  readonly version: string;
  /** For `java -cp`. */
  readonly classPath: string;
}

/**
 * Why a local Kafka cannot be started here, in one line that says what to install; undefined when
 * it can.
 */
export const whyNoLocalKafka = (): string | undefined => {
  const java = javaProgram();
  const found = spawnSync(java, ['-version'], { encoding: 'utf8' });
  if (found.status !== 0)
    return (
      `Kafka needs Java ${JAVA_MIN} or newer, and there is no ${java}: install a JRE ` +
      '(Debian: apt install openjdk-17-jre-headless; macOS: brew install ' +
      `openjdk@17), ${ELSE}.`
    );
  const major = Number(/version "(?:1\.)?(\d+)/.exec(`${found.stderr}${found.stdout}`)?.[1] ?? 0);
  if (major < JAVA_MIN)
    return (
      `Kafka needs Java ${JAVA_MIN} or newer, and ${java} is Java ${major}: install ` +
      `a newer one or set JAVA_HOME, ${ELSE}.`
    );
  if (existsSync(cacheFolder(versionInPom()))) return undefined;
  const maven = spawnSync(mavenProgram(), ['-v'], { encoding: 'utf8', shell: isWindows });
  if (maven.status !== 0)
    return (
      `Kafka's files come through Maven, and there is no mvn: install Maven (Debian: ` +
      `apt install maven; macOS: brew install maven), ${ELSE}.`
    );
  return undefined;
};

/** Whether a local Kafka starts here with nothing more to fetch: Maven may reach no repository. */
export const isKafkaHere = (): boolean =>
  whyNoLocalKafka() === undefined && existsSync(cacheFolder(versionInPom()));

/**
 * Where Kafka's files lie; fetched through the user's own Maven when they are missing. Errors are
 * one line that says what to do.
 */
export const kafkaJars = async (log: (line: string) => void): Promise<KafkaJars> => {
  const why = whyNoLocalKafka();
  if (why) throw new Error(why);
  const version = versionInPom();
  const folder = cacheFolder(version);
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    // Two Mavens that fill one repository at once break each other's downloads.
    await withFileLock(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await fetchJars(version, folder, log);
    });
  }
  return { java: javaProgram(), version, classPath: join(folder, '*') };
};

const isWindows = process.platform === 'win32';
const mavenProgram = (): string => (isWindows ? 'mvn.cmd' : 'mvn');
// Maven and Java's own tools read the same variable; it is no setting of ours.
const javaProgram = (): string =>
  process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
const versionInPom = (): string =>
  /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(readFileSync(POM, 'utf8'))![1]!;
const cacheFolder = (version: string): string =>
  join(ROOT, 'node_modules/.cache/caretab', `kafka-${version}`);

/**
 * Copies under another name first, so that a start that ends midway leaves no half of it. Maven
 * leaves a `target` beside its pom, so it gets a copy.
 */
const fetchJars = async (
  version: string,
  folder: string,
  log: (line: string) => void,
): Promise<void> => {
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  copyFileSync(POM, join(half, 'pom.xml'));
  log(`Apache Kafka ${version}: asking Maven for its files`);
  try {
    await runMaven(
      [
        '-B',
        '-f',
        join(half, 'pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${join(half, 'jars')}`,
        '-DincludeScope=runtime',
      ],
      version,
      log,
    );
    renameSync(join(half, 'jars'), folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
};

const runMaven = (
  args: readonly string[],
  version: string,
  log: (line: string) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(mavenProgram(), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: isWindows,
    });
    let count = 0;
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const downloaded = chunk.toString().match(/Downloaded from/g)?.length ?? 0;
      if (downloaded > 0) log(`Apache Kafka ${version}: ${(count += downloaded)} files fetched`);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const why = /\[ERROR\] (.*)/.exec(output)?.[1] ?? `mvn ended with ${code}`;
      reject(
        new Error(
          `Maven cannot fetch Apache Kafka ${version} (${why.slice(0, 300)}): check ` +
            `Maven's settings and the network, ${ELSE}.`,
        ),
      );
    });
  });
