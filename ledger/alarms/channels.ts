// The channels that the settings name, ready to send: secrets are read from their files once, at the start, and never shown.

import type { Channel } from "./channel.ts";
import { createMail } from "./mail.ts";
import { type AlarmSettings, loadCertificates, loadLogin, loadSecrets } from "./settings.ts";
import { createWebhook } from "./webhook.ts";

/** Errors: `config.value` for a file that is missing or holds something else. */
export async function openChannels({
  webhooks,
  smtp,
  pageUrl,
  answerMsMax,
}: AlarmSettings): Promise<readonly Channel[]> {
  const channels: Channel[] = [];
  for (const { name, url, secretFile } of webhooks)
    channels.push(
      createWebhook({ name, url, secrets: await loadSecrets(secretFile), answerMsMax }),
    );
  if (smtp !== undefined)
    channels.push(
      createMail({
        settings: smtp,
        login: smtp.authFile === undefined ? null : await loadLogin(smtp.authFile),
        certificates: smtp.caFile === undefined ? null : await loadCertificates(smtp.caFile),
        pageUrl: pageUrl ?? null,
        answerMsMax,
      }),
    );
  return channels;
}
