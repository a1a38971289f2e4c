{ "widgets": [
  { "type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {
      "title": "Imports started and ended, by AWS", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/States", "ExecutionsStarted", "StateMachineArn", "${ImportStateMachine}", {"label": "started"}],
        ["AWS/States", "ExecutionsSucceeded", "StateMachineArn", "${ImportStateMachine}", {"label": "succeeded"}],
        ["AWS/States", "ExecutionsFailed", "StateMachineArn", "${ImportStateMachine}", {"label": "failed"}],
        ["AWS/States", "ExecutionsAborted", "StateMachineArn", "${ImportStateMachine}", {"label": "cancelled"}],
        ["AWS/States", "ExecutionsTimedOut", "StateMachineArn", "${ImportStateMachine}", {"label": "ran into the time limit"}]
      ] } },
  { "type": "metric", "x": 12, "y": 0, "width": 12, "height": 6, "properties": {
      "title": "Imports ended, by outcome", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome} MetricName=\"Imports\"', 'Sum', 300)", "label": "${!PROP('Dim.outcome')}"}]
      ] } },
  { "type": "metric", "x": 0, "y": 6, "width": 12, "height": 6, "properties": {
      "title": "Imports ended badly, by error", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome,error} MetricName=\"Imports\" NOT error=\"none\"', 'Sum', 300)", "label": "${!PROP('Dim.error')}"}]
      ] } },
  { "type": "metric", "x": 12, "y": 6, "width": 12, "height": 6, "properties": {
      "title": "Time to finish (ms, waiting included)", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/States", "ExecutionTime", "StateMachineArn", "${ImportStateMachine}", {"stat": "p50", "label": "half"}],
        ["...", {"stat": "p95", "label": "95 %"}],
        ["...", {"stat": "Maximum", "label": "longest"}]
      ] } },
  { "type": "metric", "x": 0, "y": 12, "width": 12, "height": 6, "properties": {
      "title": "Seconds to finish, by outcome", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome} MetricName=\"SecondsToFinish\"', 'p95', 300)", "label": "${!PROP('Dim.outcome')}, 95 %"}]
      ] } },
  { "type": "metric", "x": 12, "y": 12, "width": 12, "height": 6, "properties": {
      "title": "Queries an import", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome} MetricName=\"QueriesPerImport\"', 'Average', 300)", "label": "${!PROP('Dim.outcome')}"}]
      ] } },
  { "type": "metric", "x": 0, "y": 18, "width": 12, "height": 6, "properties": {
      "title": "Rate limits met", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome} MetricName=\"RateLimits\"', 'Sum', 300)", "label": "${!PROP('Dim.outcome')}"}]
      ] } },
  { "type": "metric", "x": 12, "y": 18, "width": 12, "height": 6, "properties": {
      "title": "Lag (seconds), 95 %", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        [{"id": "e1", "expression": "SEARCH('{\"FeishuImport/${sls:stage}\",outcome} MetricName=\"Lag\"', 'p95', 300)", "label": "${!PROP('Dim.outcome')}"}]
      ] } },
  { "type": "metric", "x": 0, "y": 24, "width": 12, "height": 6, "properties": {
      "title": "What is told of", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/Events", "MatchedEvents", "RuleName", "${OwnFaultsRule}", {"label": "own faults"}],
        ["...", "${FailedImportsRule}", {"label": "failed imports"}],
        ["...", "${OutagesRule}", {"label": "outages"}],
        ["...", "${CallersFaultsRule}", {"label": "callers' faults"}]
      ] } },
  { "type": "metric", "x": 12, "y": 24, "width": 12, "height": 6, "properties": {
      "title": "Query function", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/Lambda", "Invocations", "FunctionName", "${QueryImportLambdaFunction}"],
        [".", "Errors", ".", "."],
        [".", "Throttles", ".", "."],
        [".", "Duration", ".", ".", {"stat": "p95", "yAxis": "right", "label": "Duration (ms), 95 %"}]
      ] } },
  { "type": "metric", "x": 0, "y": 30, "width": 12, "height": 6, "properties": {
      "title": "API", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/ApiGateway", "Count", "ApiId", "${HttpApi}", {"label": "requests"}],
        [".", "4xx", ".", "."],
        [".", "5xx", ".", "."]
      ] } },
  { "type": "metric", "x": 12, "y": 30, "width": 12, "height": 6, "properties": {
      "title": "Held back by Step Functions", "region": "${AWS::Region}", "view": "timeSeries", "stat": "Sum", "period": 300,
      "metrics": [
        ["AWS/States", "ExecutionThrottled", "StateMachineArn", "${ImportStateMachine}"]
      ] } }
] }
