// An ordinary link that stays within the page when it can, and carries the time range on.
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { navigate, useLocation } from "./location.ts";
import { withRange } from "./range-carried.ts";

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & {
  readonly href: string;
  readonly children: ReactNode;
};

/** Plain clicks navigate in place; new tabs, downloads and other buttons behave as the browser's own. */
export function Link({ href, children, ...rest }: LinkProps): ReactNode {
  const target = withRange(href, useLocation().search);
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    navigate(target);
  };
  return (
    <a className="usa-link" {...rest} href={target} onClick={follow}>
      {children}
    </a>
  );
}
