"""The report's sentences in both languages; the English one is the key."""
# ruff: noqa: E501 - a sentence and its translation stand best beside each other.

from typing import Any

from experiments import learners
from experiments.spec import ASKED
from experiments.telling import filled

CHINESE = {
    "Validation report": "模型验证报告",
    "Recommended model": "推荐模型",
    "not the recommended model of its run": "非本次实验推荐的模型",
    "Model": "模型", "Target": "目标列", "event": "事件值", "Rows": "行数", "Event rate": "事件率",
    "Question": "建模目的", "Seed": "随机种子", "Fitted on": "训练数据",
    "Marketing response": "营销响应", "Conversion": "成单转化", "Default": "违约",
    "Attrition": "流失",
    "training rows only": "仅训练数据", "all labelled rows": "全部有标签样本",
    "This result depends on %(columns)s, which the data check questions and which are still in the model: a quick model reaches AUC %(auc_with)s with them and %(auc_without)s without. If they are filled in after the outcome, expect the second number in use: take them out and run again.":
        "这个结果主要依靠 %(columns)s。数据体检对这些列有疑问，而它们仍在模型中：快速模型用这些列时 AUC 为 %(auc_with)s，不用时为 %(auc_without)s。如果它们是事后填写的，实际使用时只能期待后一个数：请移出这些列后重新运行。",
    "This result depends on %(columns)s, which the data check questions and which is still in the model: a quick model reaches AUC %(auc_with)s with it and %(auc_without)s without. If it is filled in after the outcome, expect the second number in use: take it out and run again.":
        "这个结果主要依靠 %(columns)s。数据体检对该列有疑问，而它仍在模型中：快速模型用该列时 AUC 为 %(auc_with)s，不用时为 %(auc_without)s。如果它是事后填写的，实际使用时只能期待后一个数：请移出该列后重新运行。",
    "The data check questions every column of this model (%(columns)s). If they are filled in after the outcome, this result is void.":
        "数据体检对这个模型的每一列（%(columns)s）都有疑问。如果它们是事后填写的，这个结果就不成立。",
    "Summary": "摘要", "Leaderboard": "排行榜", "Separation": "区分能力", "Lift and gains": "提升度与捕获率",
    "Calibration": "校准", "Stability over time": "时间稳定性", "Segments": "客群表现",
    "What drives the score": "得分受什么影响", "Three customers": "三位客户示例", "Reasons": "原因",
    "Protected columns, kept out of the model: %(columns)s.": "受保护列，未入模：%(columns)s。",
    "Protected columns, used by the model but never given as a reason: %(columns)s.":
        "受保护列，可入模但不作为原因：%(columns)s。",
     "Scorecard": "评分卡",
    "How it was made": "建模过程", "Columns that were left out": "未入模的列", "Limits": "限制条件",
    "Search": "搜索过程", "Software": "软件版本",
    "Cross-validation": "交叉验证", "Held-out rows": "留出数据", "Out of time": "跨时间数据", "Training": "训练数据",
    "Derived columns": "衍生列", "Formula": "公式", "Why it was kept": "保留理由",
    "These columns are computed from other columns of the same row. Each was kept because it improved models on unseen rows beyond its source columns.":
        "这些列由同一行的其他列计算得出。每一列都因为在来源列之外进一步改善了模型在未见数据上的表现而保留。",
    "%(name)s explains more of what the original columns leave unexplained (%(strength)s) than its source columns do (%(sources)s). It brings %(gain)s %% of a quick model's gain; the best random column brings %(random)s %%.":
        "%(name)s 对原始列未解释部分的解释力为 %(strength)s，高于来源列（%(sources)s）。它占快速模型增益的 %(gain)s%%，最好的随机列只占 %(random)s%%。",
    "Algorithm": "算法", "Interval": "区间", "Lift": "提升度", "Log loss": "对数损失", "Brier": "布里尔分数",
    "Group": "组别", "Probability from": "概率下限", "Events": "事件数", "Cum. events": "累计事件", "Cum. lift": "累计提升",
    "Column": "列", "Share": "占比", "Reason": "原因", "Points": "分", "Bin": "分箱", "WOE": "WOE",
    "Period": "期间", "Segment": "客群", "Package": "软件包", "Version": "版本", "Setting": "参数", "Value": "取值",
    "High score": "高分客户", "Near the cut-off": "临近切点的客户", "Low score": "低分客户",
    "High risk": "高风险客户", "Low risk": "低风险客户", "log-odds": "对数胜算",
    "Random forest": "随机森林", "Extra trees": "极端随机树", "Linear model": "线性模型", "WOE scorecard": "WOE 评分卡",
    "Explainable boosting": "可解释提升树", "Histogram boosting": "直方图提升树",
    "Logistic regression (baseline)": "逻辑回归（基线）", "Found by": "搜索方式", "State": "状态", "Seconds": "秒",
    "finished": "已完成", "stopped early": "提前停止", "failed": "失败", "fixed setting": "固定参数", "first look": "首轮试跑", "response model": "响应环节", "conversion model": "成单环节", "probability": "概率", "Within the limit": "未超限", "Broken": "超出", "Above the limit, not significantly": "略高于上限，不显著", "Limit": "限制",
    "Probability": "概率", "Score": "得分",
    "In a random pair of one event and one non-event, the model ranks the event higher %(auc)s of the time on unseen rows.":
        "在模型未见过的样本中，任取一个事件与一个非事件客户，模型有 %(auc)s 的概率排序正确。",
    "95 %% intervals. Models whose AUC does not differ significantly from the recommended model (→) are tied (=); paired test, with Holm's correction for several models.":
        "区间为 95%%。AUC 与推荐模型（→）没有显著差异的模型算并列（=）；用配对检验，并按 Holm 法校正。",
    "The largest gap between events and non-events, at the best cut-off, is %(ks)s (KS).": "最佳切点下事件与非事件客户相差 %(ks)s（KS）。",
    "The top %(share)s of customers contain %(capture)s of the events, %(lift)s times as many as a random selection.":
        "排名前 %(share)s 的客户包含 %(capture)s 的事件，是随机选择的 %(lift)s 倍。",
    "The actual event rate is %(ratio)s of the predicted rate (actual / predicted).": "实际事件率为预测值的 %(ratio)s（实际/预测）。",
    "Each month is measured on its own; the shaded months were kept out of training.": "逐月评估；阴影月份未参与训练。",
    "Sample definition": "样本定义", "All rows": "全部行",
    "Stability over time was not tested.": "未检验随时间的稳定性。",
    "The weakest segments first; those with fewer than %(least_events)s events or %(least_rows)s rows are not judged.":
        "由弱到强排列；事件少于 %(least_events)s 个或少于 %(least_rows)s 行的客群不作判断。",
    "too few to judge": "样本不足", "Too few to judge": "样本不足，不作判断",
    "%(column)s has the largest effect: %(share)s of all contributions.": "%(column)s 影响最大，占全部贡献的 %(share)s。",
    "From the typical customer to this one, in %(unit)s; the bars add up exactly to the model output.":
        "从典型客户到这位客户，单位为%(unit)s；各条相加正好等于模型输出。",
    "Each bin's points add up to the score (600 at 50:1, 20 points double the odds).":
        "各分箱分值相加即为总分（50:1 时 600 分，每 20 分胜算翻倍）。",
    "The event rate is %(sample)s in the table and stated to be %(population)s in the population. The model's probabilities are corrected to the population; measures and charts show the table as it is.":
        "建模样本的事件率为 %(sample)s，已声明总体事件率为 %(population)s：模型给出的概率已按总体校正，指标与图表仍按样本本身展示。",
    "%(count)s trials and %(beside)s models that are always run, in %(seconds)s s: FLAML over all families, Optuna on the best. The held-out rows were read %(peeks)s times.":
        "共 %(count)s 组试验，另有 %(beside)s 个必跑的模型，用时 %(seconds)s 秒：FLAML 搜索全部算法，Optuna 细化最优算法；留出数据读取 %(peeks)s 次。",
    "The measures come from models fitted on training rows only. The delivered model was then fitted on %(rows)s rows with the same settings.":
        "指标由仅见过训练数据的模型测得；交付模型随后以相同参数在 %(rows)s 行上训练。",
    "The delivered model is the one that was measured.": "所测模型即交付模型。",
}  # fmt: skip


# The engine's own sentences, which the platform translates from its catalogues; a report has none at hand.
CHINESE |= {
    "Best AUC in cross-validation (%(auc)s) of the single models that meet every limit.":
        "在满足全部限制的单一模型中，交叉验证 AUC 最高（%(auc)s）。",
    "AUC %(auc)s in cross-validation, not significantly below the best (%(best)s), and its probabilities are more accurate (lower log loss).":
        "交叉验证 AUC %(auc)s，与最高值（%(best)s）没有显著差异，且概率更准（对数损失更低）。",
    "Best AUC in cross-validation (%(auc)s), but no model keeps all limits: %(limits)s. Look at it before you use it.":
        "交叉验证 AUC 最高（%(auc)s），但没有模型满足全部限制：%(limits)s。使用前请先看清楚。",
    "You asked for an explainable model first: this scorecard reaches AUC %(auc)s, %(price)s below the best model, which is within the price of 0.01 that explainability may have.":
        "您要求可解释优先：这张评分卡 AUC %(auc)s，比最好的模型低 %(price)s，在可解释允许的 0.01 以内。",
    "A tie with %(best)s: the AUC difference of %(difference)s is not significant.":
        "与 %(best)s 并列：AUC 相差 %(difference)s，不显著。",
    "AUC %(difference)s below %(best)s.": "AUC 比 %(best)s 低 %(difference)s。",
    "Exceeds a limit: %(limits)s.": "超出限制：%(limits)s。",
    "The baseline is a logistic regression on five columns; a model has to beat it.":
        "基线是只用五列的逻辑回归，模型要超过它才算有用。",
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows; the limit is %(limit)s.":
        "KS 下降 %(value)s：训练数据 %(train)s，留出数据 %(held_out)s；上限 %(limit)s。",
    "KS does not fall: it rises by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows (limit of a fall: %(limit)s).":
        "KS 没有下降，反而上升 %(value)s：训练数据 %(train)s，留出数据 %(held_out)s（下降上限 %(limit)s）。",
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows; the limit is %(limit)s (%(share)s of the training KS, at least %(least)s).":
        "KS 下降 %(value)s：训练数据 %(train)s，留出数据 %(held_out)s；上限 %(limit)s（训练 KS 的 %(share)s，且不低于 %(least)s）。",
    "Above a limit, but not significantly: %(limits)s.": "略高于限制，但不显著：%(limits)s。",
    "KS falls by %(value)s from training rows to rows set aside; the limit is %(limit)s.":
        "从训练数据到留出数据，KS 下降 %(value)s；上限 %(limit)s。",
    "The score PSI on held-out rows is %(value)s; the limit is %(limit)s.": "留出数据上的得分 PSI 为 %(value)s，上限 %(limit)s。",
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds, and keep %(held_from)s to %(held_to)s as the out-of-time test.":
        "用 %(train_from)s 至 %(train_to)s 的数据训练，做 %(folds)s 折交叉验证，%(held_from)s 至 %(held_to)s 留作跨时间验证。",
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds grouped by %(group)s, and keep %(held_from)s to %(held_to)s as the out-of-time test.":
        "用 %(train_from)s 至 %(train_to)s 的数据训练，按 %(group)s 分组做 %(folds)s 折交叉验证，%(held_from)s 至 %(held_to)s 留作跨时间验证。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds, and keep a random %(held_share)s %% as the held-out test. There is no date column, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，做 %(folds)s 折交叉验证，随机留出 %(held_share)s%% 作测试。没有日期列，因此没有检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn at random, and keep a random %(held_share)s %% as the held-out test. No observation date is given, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，随机分 %(folds)s 折做交叉验证，随机留出 %(held_share)s%% 作测试。没有指定观察日期，因此没有检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as the held-out test. No observation date is given, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，按 %(group)s 分组做 %(folds)s 折交叉验证，随机留出 %(held_share)s%% 作测试。没有指定观察日期，因此没有检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn at random, and keep a random %(held_share)s %% as the held-out test. The rows cannot be split by their dates, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，随机分 %(folds)s 折做交叉验证，随机留出 %(held_share)s%% 作测试。无法按日期划分，因此没有检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as the held-out test. The rows cannot be split by their dates, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，按 %(group)s 分组做 %(folds)s 折交叉验证，随机留出 %(held_share)s%% 作测试。无法按日期划分，因此没有检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as the held-out test. There is no date column, so stability over time is not tested.":
        "用 %(train_share)s%% 的行训练，按 %(group)s 分组做 %(folds)s 折交叉验证，随机留出 %(held_share)s%% 作测试。没有日期列，因此没有检验随时间的稳定性。",
    "%(column)s does not separate customers into groups that differ.": "%(column)s 分不出有差别的客群。",
    "%(column)s is no more predictive than noise (information value %(iv)s, noise %(floor)s).":
        "%(column)s 的预测力不高于噪声（信息值 %(iv)s，噪声水平 %(floor)s）。",
    "%(column)s is nearly the same as %(other)s (correlation %(correlation)s).":
        "%(column)s 与 %(other)s 高度相关（相关系数 %(correlation)s）。",
    "%(column)s is explained by the other columns together (VIF %(vif)s).":
        "%(column)s 可由其他列共同解释（VIF %(vif)s）。",
    "%(column)s: its sign flips in the joint model.": "%(column)s 与其他列同时入模时符号反转。",
    "%(column)s is not significant (p = %(p_value)s).": "%(column)s 不显著（p = %(p_value)s）。",
    "%(column)s is in the scorecard (information value %(iv)s, noise %(floor)s).":
        "%(column)s 进入评分卡（信息值 %(iv)s，噪声水平 %(floor)s）。",
    "%(column)s carries %(share)s %% of the scorecard's points; more than %(limit)s %% is a lot for one column.":
        "%(column)s 占评分卡分值的 %(share)s%%，超过 %(limit)s%%，单列占比过高。",
    "%(column)s is weaker than the %(limit)s strongest columns, and the data cannot support more.":
        "%(column)s 弱于最强的 %(limit)s 列，样本量只支持这么多列。",
    "Each bin's points add up to the customer's points: the more, the likelier the event (20 points double the odds).":
        "各列所在分箱的分相加即为客户的得分：得分越高，事件越可能发生（每 20 分胜算翻一倍）。",
    "Response chain": "响应—成单链",
    "KS rises by %(value)s from training rows to rows set aside; the limit of a fall is %(limit)s.":
        "从训练数据到留出数据，KS 上升 %(value)s；下降上限 %(limit)s。",
    "Best AUC in cross-validation (%(auc)s) of the single models that exceed no limit.":
        "在没有超出任何限制的单一模型中，交叉验证 AUC 最高（%(auc)s）。",
    "Too few held-out rows or events to judge these limits: %(limits)s.":
        "留出数据的行数或事件太少，无法判断这些限制：%(limits)s。",
    "Cross-validation itself has too few events or rows to judge (%(events)s events in %(rows)s rows): the ranking may be down to chance.":
        "交叉验证的事件或行数也太少（%(rows)s 行中 %(events)s 个事件）：哪个模型最好可能只是偶然。",
    "Too few to judge: %(events)s events in %(rows)s rows. At least %(least_events)s events, %(least_events)s non-events and %(least_rows)s rows in all are needed.":
        "样本不足，不作判断：%(rows)s 行中 %(events)s 个事件。至少需要 %(least_events)s 个事件、%(least_events)s 个非事件，共 %(least_rows)s 行。",
    "Intervals, with %(count)s rows of the rarer outcome: AUC and Gini by Newcombe's method or DeLong's with Student's t, whichever is wider; KS by Smirnov's band; lift and capture exact (Clopper–Pearson); log loss and Brier by outcome (MOVER); calibration slope with Student's t. They are valid for few events, and therefore wide.":
        "区间方法（较少一类 %(count)s 行）：AUC 与 Gini 取 Newcombe 法与 DeLong 法（Student t）中较宽者；KS 用 Smirnov 置信带；提升度与捕获率用 Clopper–Pearson 精确区间；对数损失与 Brier 按结果分别估计后合并（MOVER）；校准斜率用 Student t。事件少时仍然可靠，因而较宽。",
    "Intervals: AUC and Gini by DeLong on the logit scale; lift and capture by bootstrap; KS by bootstrap, its lower end corrected for bias; log loss, Brier and calibration by large-sample standard errors. Where customers have several rows, whole customers are resampled.":
        "区间方法：AUC 与 Gini 用 DeLong 法（logit 尺度）；提升度与捕获率用自助法；KS 用自助法，下限按其偏差下调；对数损失、Brier 与校准用大样本误差。客户重复出现时按整位客户抽样。",
    "Best AUC in cross-validation (%(auc)s) of the single models.":
        "交叉验证 AUC 在单一模型中最高（%(auc)s）。",
    "Best AUC in cross-validation (%(auc)s) of all models but the baseline.":
        "除基线外，交叉验证 AUC 最高（%(auc)s）。",
    "AUC %(auc)s in cross-validation, %(difference)s below the best (%(best)s), but it overfits less.":
        "交叉验证 AUC %(auc)s，比最高值（%(best)s）低 %(difference)s，但过拟合更轻。",
    "AUC %(auc)s in cross-validation, %(difference)s below the best (%(best)s). Overfitting and log loss counted as well.":
        "交叉验证 AUC %(auc)s，比最高值（%(best)s）低 %(difference)s。选择时还考虑了过拟合程度和对数损失。",
    "You asked for an explainable model first. This scorecard reaches AUC %(auc)s, %(price)s below the best model; up to %(limit)s is accepted.":
        "您要求可解释优先。这张评分卡 AUC %(auc)s，比最好的模型低 %(price)s，不超过允许的 %(limit)s。",
    "No single model meets every limit. This one exceeds: %(limits)s. Review it before you use it.":
        "没有单一模型满足全部限制。这个模型超出：%(limits)s。使用前请复核。",
    "AUC %(difference)s above %(best)s, but measured only after %(best)s had been chosen.":
        "AUC 比 %(best)s 高 %(difference)s，但它在选定 %(best)s 之后才完成评估。",
    "The search was ended early, so this model was chosen from those measured by then: AUC %(auc)s in cross-validation. With all of them measured, it would have been %(candidate)s, AUC %(other)s.":
        "因提前结束搜索，从当时已完成评估的模型中选定：交叉验证 AUC %(auc)s。若等全部完成，应选 %(candidate)s，AUC %(other)s。",
    "Every other single model exceeds a limit. The best of them has AUC %(best)s, %(difference)s higher.":
        "其他单一模型都超出了某项限制，其中最高的 AUC 为 %(best)s，高 %(difference)s。",
    "The best single model that exceeds a limit has AUC %(best)s, %(difference)s higher.":
        "超出限制的单一模型中，最高的 AUC 为 %(best)s，高 %(difference)s。",
    "The baseline, a logistic regression on five columns, has AUC %(best)s, %(difference)s higher.":
        "只用五列的逻辑回归基线 AUC 为 %(best)s，高 %(difference)s。",
    "Same AUC as %(best)s.":
        "AUC 与 %(best)s 相同。",
    "AUC %(difference)s above %(best)s. Overfitting and log loss counted as well.":
        "AUC 比 %(best)s 高 %(difference)s。选择时还考虑了过拟合程度和对数损失。",
    "AUC %(difference)s above %(best)s; for an explainable model up to %(limit)s is given up.":
        "AUC 比 %(best)s 高 %(difference)s，不超过可解释优先允许让出的 %(limit)s。",
    "Combines several models. Its AUC is %(difference)s above %(best)s, at no more scoring time per row. Choose it only if that gain matters more to you than one model that is easier to explain and maintain.":
        "由几个模型加权组成。AUC 比 %(best)s 高 %(difference)s，每行打分耗时不增加。只有这点提升比易于解释和维护更重要时，才选用它。",
    "%(column)s is no more predictive than noise (information value %(iv)s; noise alone reaches up to %(by_chance)s).":
        "%(column)s 的预测力不高于噪声（信息值 %(iv)s，噪声可达 %(by_chance)s）。",
    "Without the directions KS would change by %(ks)s and AUC by %(auc)s.":
        "若不限定方向，KS 变化 %(ks)s，AUC 变化 %(auc)s。",
    "Combines several models, with no gain over %(best)s.":
        "由几个模型加权组成，但相对 %(best)s 没有提升。",
    "Combines several models. Its AUC is %(difference)s above %(best)s, at %(times)s times the scoring time per row. Choose it only if that gain matters more to you than one model that is easier to explain and maintain.":
        "由几个模型加权组成。AUC 比 %(best)s 高 %(difference)s，每行打分耗时是它的 %(times)s 倍。只有这点提升比易于解释和维护更重要时，才选用它。",
    "The model uses %(value)s columns; the limit is %(limit)s.":
        "模型使用 %(value)s 列，上限为 %(limit)s 列。",
    "Scoring a row takes %(value)s ms; the limit is %(limit)s ms.":
        "每行打分耗时 %(value)s 毫秒，上限为 %(limit)s 毫秒。",
    "In %(value)s of the checks the probability moves against the required direction; the limit is %(limit)s.":
        "%(value)s 的检查中，概率变化与指定方向相反；上限 %(limit)s。",
    "Ensemble": "集成模型",
    "log-probability": "对数概率",
    "%(column)s is not among the %(limit)s strongest columns in the first screening.":
        "%(column)s 初筛未进入最强的 %(limit)s 列。",
}  # fmt: skip

FAMILIES = {name: learner.about.label for name, learner in learners.FAMILIES.items()}

# The codes in which a sentence names limits.
LIMIT_NAMES = {name: one.said for name, one in ASKED.items() if one.said} | {"monotone": "required directions"}
CHINESE |= {
    "fall of KS from training to held-out rows": "训练到留出数据的 KS 下降",
    "shift of the score (PSI) on held-out rows": "留出数据得分偏移（PSI）",
    "number of columns used": "使用的列数", "milliseconds to score a row": "每行打分毫秒数",
    "required directions": "指定的方向",
}  # fmt: skip

# A trial that lost on its first folds is told in plain words.
TRIAL_STATES = {"pruned": "stopped early"}
LINKS = {"response": "response model", "conversion": "conversion model"}
BACKENDS = {"flaml": "FLAML", "optuna": "Optuna", "fixed": "fixed setting", "first_look": "first look"}
EXAMPLES = {"high": "High score", "near": "Near the cut-off", "low": "Low score"}
RISK_EXAMPLES = {"high": "High risk", "near": "Near the cut-off", "low": "Low risk"}

CHART_WORDS = {
    "train": "训练", "validation": "交叉验证", "held_out": "留出数据", "out_of_time": "跨时间数据", "chance": "随机",
    "perfect": "完美模型", "exact": "完全校准", "events": "事件", "non_events": "非事件", "customers": "客户数", "others": "项其他",
    "low_value": "取值低", "high_value": "取值高", "start": "起点", "typical_customer": "典型客户",
    "this_customer": "这位客户", "missing": "缺失", "quota": "联系比例", "false_alarms": "误中的非事件",
    "events_reached": "捕获的事件", "customers_contacted": "联系的客户", "customers_by_score": "从高分到低分累计客户",
    "lift": "提升度", "predicted": "预测", "actual": "实际", "effect": "对得分的影响", "mean_effect": "对得分的平均影响",
    "probability": "概率", "score": "得分", "people": "灰柱：客户数",
}  # fmt: skip


def translated(text: str, language: str, *, always_fill: bool = False, **params: object) -> str:
    """Return a sentence in the language, with its places filled."""
    sentence = CHINESE.get(text, text) if language == "zh" else text
    return filled(sentence, params) if always_fill or params or "%%" in sentence else sentence


def named(params: dict[str, Any], language: str, *, families: bool = True) -> dict[str, Any]:
    """Give the codes in a sentence's places the names that people know."""
    between = "、" if language == "zh" else ", "
    found = {key: between.join(map(str, one)) if isinstance(one, list) else one for key, one in params.items()}
    if families and found.get("best") in FAMILIES:
        found["best"] = translated(FAMILIES[found["best"]], language)
    if isinstance(found.get("limits"), str):
        codes = found["limits"].split(", ")
        found["limits"] = ", ".join(translated(LIMIT_NAMES.get(code, code), language) for code in codes)
    return found
