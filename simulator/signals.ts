// Ctrl-C and SIGTERM as one abort signal, so that every command ends by the same road.

/** Aborts at the first SIGINT, SIGTERM or SIGHUP (the terminal was closed); a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
  return controller.signal;
}
