import { connect } from 'node:net';

const ANSWER_TIMEOUT_MS = 3000;

/** Whether a process of a service says that requests may be sent to it. */
export const isReady = (host: string, port: number): Promise<boolean> =>
  isOk(host, port, '/health/ready');

/** Whether a process of a service says that it is up and reaches its database and the bus. */
export const isHealthy = (host: string, port: number): Promise<boolean> =>
  isOk(host, port, '/health');

const isOk = async (host: string, port: number, path: string): Promise<boolean> => {
  try {
    const response = await fetch(`http://${host}:${port}${path}`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: { connection: 'close' },
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
};

/** Whether the port accepts connections. */
export const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS });
    const answered = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', answered(true))
      .once('error', answered(false))
      .once('timeout', answered(false));
  });
