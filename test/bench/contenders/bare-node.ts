/** Nothing at all: what it costs to start Node. */
export const handler = async () => undefined;
