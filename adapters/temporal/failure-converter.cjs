// Loaded by path, by the worker, the client and the workflow bundle alike: hence CommonJS.
// Messages and stacks of failures may quote what they failed on, so they travel encrypted too.
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
