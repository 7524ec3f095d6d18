import type { ServedObject } from './served-object.ts';

/**
 * The same as `make`, which is called once for each object: all lists and watches share what it has made, as long as the object is
 * there, and what is encoded for one of them serves all.
 */
export function sharedViews(make: (object: ServedObject) => ServedObject): (object: ServedObject) => ServedObject {
  const views = new WeakMap<ServedObject, ServedObject>();
  return (object) => {
    let view = views.get(object);
    if (view === undefined) {
      view = make(object);
      views.set(object, view);
    }
    return view;
  };
}
