/** A store that was to begin after the history of another one has a history of its own. Nothing was changed. */
export class StoreNotEmptyError extends Error {
  constructor() {
    super('the store is not empty');
    this.name = 'StoreNotEmptyError';
  }
}
