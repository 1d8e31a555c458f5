/** The fields of the report form, read and written by name. */

/** Every answer but files, buttons and what the page itself holds: what a draft keeps. */
export function answers_of(form: HTMLFormElement): [string, string][] {
  return controls_of(form)
    .filter((control) => !is_choice(control) || (control as HTMLInputElement).checked)
    .map(({ name, value }) => [name, value]);
}

/** Put a draft's answers back. */
export function fill_answers(form: HTMLFormElement, answers: readonly (readonly [string, string])[]): void {
  for (const control of controls_of(form)) {
    const values = answers.filter(([name]) => name === control.name).map(([, value]) => value);
    if (is_choice(control)) (control as HTMLInputElement).checked = values.includes(control.value);
    else control.value = values.find((value) => !has_choice(form, control.name, value)) ?? "";
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function controls_of(form: HTMLFormElement): Control[] {
  return [...form.elements].filter((element): element is Control => {
    if (element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) return true;
    if (!(element instanceof HTMLInputElement) || element.name === "") return false;
    return !["file", "hidden", "submit", "image", "button"].includes(element.type);
  });
}

function is_choice(control: Control): boolean {
  return control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type);
}

/** Whether a value is one of a button's, not of the text field of the same name. */
function has_choice(form: HTMLFormElement, name: string, value: string): boolean {
  return [...form.querySelectorAll<HTMLInputElement>(`[name="${name}"]`)].some(
    (control) => is_choice(control) && control.value === value,
  );
}
