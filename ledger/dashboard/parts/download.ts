// Hands the reader a file that the page made.

/** Starts the download of `text` under `name`. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the blob after the click returns.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
