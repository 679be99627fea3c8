/** Under which name a call leaves its words for the form of a new matter, in this tab only. */
export const callDraft = 'call-draft';
