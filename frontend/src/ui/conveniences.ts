/** Small conveniences that nothing depends on: copying, printing, filters that send themselves. */

/** Show `[data-copy="#id"]` buttons and let them copy the text of that element. */
export function offer_copying(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const source = document.querySelector(button.dataset["copy"] ?? "");
      const words = (source?.textContent ?? "").trim().split(/\s+/).join(" ");
      void navigator.clipboard.writeText(words).then(() => {
        button.textContent = button.dataset["copied"] ?? button.textContent;
        button.classList.add("copied");
      });
    });
  }
}

/** Show `[data-print]` buttons. */
export function offer_printing(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** Send a `[data-send-on-change]` filter form by itself; its button stays for everybody else. */
export function send_on_change(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-send-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}
