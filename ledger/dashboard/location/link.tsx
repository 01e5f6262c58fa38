// An ordinary link that stays within the page when it can.
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { navigate } from "./location.ts";

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & {
  readonly href: string;
  readonly children: ReactNode;
};

/** Plain clicks navigate in place; new tabs, downloads and other buttons behave as the browser's own. */
export function Link({ href, children, ...rest }: LinkProps): ReactNode {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a className="usa-link" {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
