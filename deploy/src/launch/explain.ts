/**
 * What a user can do about an error that a start can meet, in one line. `command` is what was
 * typed, e.g. `npm start --`.
 */
export const explain = (error: unknown, command: string): string => {
  const { code, port, message, path } = error as {
    code?: string;
    port?: number;
    message?: string;
    path?: string;
  };
  if (code === 'EADDRINUSE')
    return (
      `Port ${port ?? ''} is taken. Stop the program that has it, or choose others: ` +
      `${command} --port 9080 --mllp-port 3575`
    );
  if (code === 'EACCES' || code === 'EPERM')
    return (
      `No permission for ${path ?? `port ${port ?? ''}`}. Choose another data folder ` +
      `or port: ${command} --data DIR --port N`
    );
  // Services name variables; the user of this command knows its options.
  return (message ?? String(error))
    .replace(/set GATEWAY_MLLP_PORT to .*$/, `choose another port: ${command} --mllp-port 3575`)
    .replace(/set HTTP_PORT to .*$/, `choose another port: ${command} --port 9080`);
};
