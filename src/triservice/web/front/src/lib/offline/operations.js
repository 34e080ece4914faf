// What operations say, and what is said of them.

const OF_THE_FORM = ["form opened", "form saved", "form key", "photos sent"];

export const photosOf = (operation) => operation.payload["photos sent"] ?? [];
export const answersOf = (payload) => Object.fromEntries(Object.entries(payload).filter(([id]) => !OF_THE_FORM.includes(id)));

// What is begun is finished on the form that it was begun with, also where what was taken along since
// has a newer version of its scheme: the server knows both.
export function begunWith(draft, forms, key) {
  const apart = (name) => name.replace(/@\d+/, "");
  const older = draft?.asked && draft.key !== key && apart(draft.key) === apart(key);
  return older ? { key: draft.key, asked: draft.asked } : { key, asked: forms[key] };
}

// The pack shows what the server now has, so that the next change begins from there.
export function refresh(pack, operation, { version, values }) {
  for (const { about, deeds } of pack?.parts.flatMap((part) => part.items) ?? []) {
    const deed = about === operation.about && deeds.find((each) => each.kind === operation.kind);
    if (deed) Object.assign(deed, { version, values });
  }
}

// What an operation says, and saw before, without a photograph that does not go.
export function without({ payload, base }, number) {
  const left = (said) =>
    Object.fromEntries(
      Object.entries(said).flatMap(([id, value]) => {
        if (!Array.isArray(value) || !value.includes(number)) return [[id, value]];
        const others = value.filter((each) => each !== number);
        return others.length ? [[id, others]] : [];
      }),
    );
  return { payload: left(payload), base: base && { ...base, values: left(base.values) } };
}
